<?php
// A must-use plug-in of the blog under test: shows what is live, clears it, and lets the next publishing go wrong.
add_action(
	'rest_api_init',
	function () {
		$open  = array( 'permission_callback' => '__return_true' );
		$reset = function () {
			$all = array( 'post_type' => array( 'post', 'attachment' ), 'post_status' => array( 'any', 'trash', 'auto-draft' ), 'numberposts' => -1 );
			foreach ( get_posts( $all ) as $post ) {
				wp_delete_post( $post->ID, true );
			}
			delete_option( 'next_fault' );
			return array();
		};
		$posts = function ( $request ) {
			$wanted = array( 'post_type' => $request['type'], 'post_status' => 'any', 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'ASC' );
			return array_map(
				function ( $post ) {
					return array(
						'id'         => $post->ID,
						'status'     => $post->post_status,
						'slug'       => $post->post_name,
						'title'      => $post->post_title,
						'excerpt'    => $post->post_excerpt,
						'content'    => $post->post_content,
						'shown'      => apply_filters( 'the_content', $post->post_content ),
						'picture'    => get_post_thumbnail_id( $post ),
						'alt_text'   => get_post_meta( get_post_thumbnail_id( $post ), '_wp_attachment_image_alt', true ),
						'categories' => wp_get_post_categories( $post->ID, array( 'fields' => 'slugs' ) ),
					);
				},
				get_posts( $wanted )
			);
		};
		$fault = function ( $request ) {
			update_option( 'next_fault', $request['fault'] );
			return array();
		};
		register_rest_route( 'other-side/v1', '/reset', array( 'methods' => 'POST', 'callback' => $reset ) + $open );
		register_rest_route( 'other-side/v1', '/posts', array( 'methods' => 'GET', 'callback' => $posts ) + $open );
		register_rest_route( 'other-side/v1', '/fault', array( 'methods' => 'POST', 'callback' => $fault ) + $open );
	}
);

add_filter(
	'rest_request_before_callbacks',
	function ( $answer, $handler, $request ) {
		if ( 'publish' !== $request['status'] || 'POST' !== $request->get_method() ) {
			return $answer;
		}
		$fault = get_option( 'next_fault' );
		delete_option( 'next_fault' );
		if ( 'refused' === $fault ) {
			return new WP_Error( 'rest_invalid_param', 'Invalid parameter(s): content', array( 'status' => 400 ) );
		}
		if ( 'busy' === $fault ) {
			header( 'Retry-After: 7' );
			return new WP_Error( 'too_many_requests', 'Too many requests.', array( 'status' => 429 ) );
		}
		if ( 'lost' === $fault ) {
			add_filter( 'rest_request_after_callbacks', function () { exit; } );
		}
		if ( 'late' === $fault ) {
			add_filter( 'rest_request_after_callbacks', function ( $answer ) { sleep( 4 ); return $answer; } );
		}
		return $answer;
	},
	10,
	3
);
